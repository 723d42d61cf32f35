//! An expression as a tree.

use super::pattern::Pattern;
use super::transliterate::Transliteration;
use super::value::Value;

/// A part of an expression that has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Constant(Value),
    /// `$_` is variable 0.
    Variable(usize),
    /// `$1`; 0 is `$&`.
    Group(usize),
    /// `$arg[N]`
    Element(Box<Node>),
    /// `@arg`
    Values,
    /// `@arg[LIST]`
    Slice(Box<Node>),
    /// `$#arg`
    LastIndex,
    /// `FROM..TO`
    Range(Box<[Node; 2]>),
    /// `A, B`: a list, or the last of them.
    List(Vec<Node>),
    /// The texts one after another.
    Join(Vec<Node>),
    /// `TARGET = VALUE`, `TARGET += VALUE`
    Assign {
        target: Box<Node>,
        by: Option<Operator>,
        value: Box<Node>,
    },
    /// `(VARIABLE, ...) = LIST`; its value is the length of the list.
    Unpack(Vec<usize>, Box<Node>),
    /// `++$_`, `$_--`
    Step {
        target: Box<Node>,
        up: bool,
        gives_old: bool,
    },
    /// Replaces a part of the first: `substr(TARGET, OFFSET, LENGTH) = TEXT`.
    Splice(Box<[Node; 4]>),
    Binary(Operator, Box<[Node; 2]>),
    Not(Box<Node>),
    Negate(Box<Node>),
    /// `IF ? THEN : ELSE`
    Choice(Box<[Node; 3]>),
    /// `SUBJECT =~ /PATTERN/`
    Match {
        subject: Box<Node>,
        pattern: Box<Pattern>,
        all: bool,
    },
    /// `SUBJECT =~ s/PATTERN/TEXT/`
    Substitute {
        subject: Box<Node>,
        pattern: Box<Pattern>,
        text: Box<Node>,
        all: bool,
        /// Leaves the subject alone: the result is the value.
        gives_result: bool,
    },
    /// `SUBJECT =~ tr/a/b/`
    Transliterate {
        subject: Box<Node>,
        table: Box<Transliteration>,
    },
    Call(Function, Vec<Node>),
    /// The statements of the first condition that holds.
    Branch(Vec<(Node, Vec<Node>)>),
}

/// What stands between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
    Repeat,
    Concatenate,
    /// `==`, `<`, ...: by number.
    Number(Comparison),
    /// `eq`, `lt`, ...: by text.
    Text(Comparison),
    And,
    Or,
    DefinedOr,
}

/// What is asked of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    Greater,
    AtMost,
    AtLeast,
    /// -1, 0 or 1.
    Order,
}

/// What can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    /// Whether each text is less than the next.
    Ascending,
    Chomp,
    Chop,
    Chr,
    Defined,
    /// Whether no two texts are the same.
    Distinct,
    Exp,
    Hex,
    Index,
    Int,
    Join,
    Lc,
    Lcfirst,
    Length,
    Log,
    Oct,
    Ord,
    /// `pQ`: text for a string in double quotes of Perl's.
    PerlQuote,
    Quotemeta,
    Reverse,
    Rindex,
    Seq,
    /// `Q`: a word for a shell.
    ShellQuote,
    Skip,
    Slot,
    /// How many slots there are.
    Slots,
    Sprintf,
    Sqrt,
    Substr,
    TotalJobs,
    Uc,
    Ucfirst,
    /// `uq`: the text is for the shell to read.
    Unquote,
}

/// How a function takes its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// None.
    Nothing,
    /// One, or `$_`.
    One,
    /// One that is changed, or `$_`.
    Place,
    /// From so many to so many, each a value.
    Several(usize, usize),
    /// A list.
    Any,
}

impl Function {
    const ALL: [(&'static [u8], Function, Shape); 34] = [
        (b"Q", Function::ShellQuote, Shape::One),
        (b"abs", Function::Abs, Shape::One),
        (b"ascending", Function::Ascending, Shape::Any),
        (b"chomp", Function::Chomp, Shape::Place),
        (b"chop", Function::Chop, Shape::Place),
        (b"chr", Function::Chr, Shape::One),
        (b"defined", Function::Defined, Shape::One),
        (b"distinct", Function::Distinct, Shape::Any),
        (b"exp", Function::Exp, Shape::One),
        (b"hex", Function::Hex, Shape::One),
        (b"index", Function::Index, Shape::Several(2, 3)),
        (b"int", Function::Int, Shape::One),
        (b"join", Function::Join, Shape::Any),
        (b"lc", Function::Lc, Shape::One),
        (b"lcfirst", Function::Lcfirst, Shape::One),
        (b"length", Function::Length, Shape::One),
        (b"log", Function::Log, Shape::One),
        (b"oct", Function::Oct, Shape::One),
        (b"ord", Function::Ord, Shape::One),
        (b"pQ", Function::PerlQuote, Shape::One),
        (b"quotemeta", Function::Quotemeta, Shape::One),
        (b"reverse", Function::Reverse, Shape::Any),
        (b"rindex", Function::Rindex, Shape::Several(2, 3)),
        (b"seq", Function::Seq, Shape::Nothing),
        (b"skip", Function::Skip, Shape::Nothing),
        (b"slot", Function::Slot, Shape::Nothing),
        (b"slots", Function::Slots, Shape::Nothing),
        (b"sprintf", Function::Sprintf, Shape::Any),
        (b"sqrt", Function::Sqrt, Shape::One),
        (b"substr", Function::Substr, Shape::Several(2, 4)),
        (b"total_jobs", Function::TotalJobs, Shape::Nothing),
        (b"uc", Function::Uc, Shape::One),
        (b"ucfirst", Function::Ucfirst, Shape::One),
        (b"uq", Function::Unquote, Shape::Nothing),
    ];

    /// The function of that name, and how it takes its arguments.
    pub(super) fn named(name: &[u8]) -> Option<(Function, Shape)> {
        let found = Function::ALL.iter().find(|(known, ..)| *known == name)?;
        Some((found.1, found.2))
    }
}

impl Node {
    /// Whether the node can be assigned to.
    pub(super) fn is_place(&self) -> bool {
        match self {
            Node::Variable(_) => true,
            Node::Assign { target, .. } => target.is_place(),
            _ => false,
        }
    }

    /// Whether `found` is true of the node or of any below it.
    pub(super) fn any(&self, found: &dyn Fn(&Node) -> bool) -> bool {
        found(self) || self.children().into_iter().any(|child| child.any(found))
    }

    /// How many nodes there are from here to the lowest.
    pub(super) fn depth(&self) -> usize {
        let below = self.children().into_iter().map(Node::depth).max();
        1 + below.unwrap_or(0)
    }

    fn children(&self) -> Vec<&Node> {
        match self {
            Node::Constant(_)
            | Node::Variable(_)
            | Node::Group(_)
            | Node::Values
            | Node::LastIndex => Vec::new(),
            Node::Element(node)
            | Node::Unpack(_, node)
            | Node::Slice(node)
            | Node::Not(node)
            | Node::Negate(node) => {
                vec![node]
            }
            Node::Range(nodes) | Node::Binary(_, nodes) => nodes.iter().collect(),
            Node::Choice(nodes) => nodes.iter().collect(),
            Node::Splice(nodes) => nodes.iter().collect(),
            Node::List(nodes) | Node::Join(nodes) | Node::Call(_, nodes) => nodes.iter().collect(),
            Node::Assign { target, value, .. } => vec![target, value],
            Node::Step { target, .. } => vec![target],
            Node::Match {
                subject, pattern, ..
            } => vec![subject, pattern.source()],
            Node::Substitute {
                subject,
                pattern,
                text,
                ..
            } => vec![subject, pattern.source(), text],
            Node::Transliterate { subject, .. } => vec![subject],
            Node::Branch(arms) => arms
                .iter()
                .flat_map(|(condition, body)| std::iter::once(condition).chain(body))
                .collect(),
        }
    }
}
