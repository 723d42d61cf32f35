//! An expression as a tree.

use std::sync::Arc;

use super::error::ExpressionError;
use super::pattern::{CompiledPattern, PatternFlags};
use super::transliterate::CharacterTable;
use super::value::ExpressionValue;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AstNode {
    Constant(ExpressionValue),
    /// `$_` is variable 0.
    Variable(usize),
    /// `$1`; 0 is `$&`.
    Group(usize),
    /// `$arg[N]`
    Element(Box<AstNode>),
    /// `@arg`
    Values,
    /// `@arg[LIST]`
    Slice(Box<AstNode>),
    /// `$#arg`
    LastIndex,
    /// `FROM..TO`
    Range(Box<[AstNode; 2]>),
    /// `A, B`: a list, or the last of them.
    List(Vec<AstNode>),
    /// The texts one after another.
    Join(Vec<AstNode>),
    /// `TARGET = VALUE`, `TARGET += VALUE`
    Assign {
        target: Box<AstNode>,
        by: Option<BinaryOperator>,
        value: Box<AstNode>,
    },
    /// `(VARIABLE, ...) = LIST`; its value is the length of the list.
    Unpack(Vec<usize>, Box<AstNode>),
    /// `++$_`, `$_--`
    Step {
        target: Box<AstNode>,
        up: bool,
        gives_old: bool,
    },
    /// Replaces a part of the first: `substr(TARGET, OFFSET, LENGTH) = TEXT`.
    Splice(Box<[AstNode; 4]>),
    Binary(BinaryOperator, Box<[AstNode; 2]>),
    Not(Box<AstNode>),
    Negate(Box<AstNode>),
    /// `IF ? THEN : ELSE`
    Choice(Box<[AstNode; 3]>),
    /// `SUBJECT =~ /PATTERN/`
    Match {
        subject: Box<AstNode>,
        pattern: Box<ExpressionPattern>,
        all: bool,
    },
    /// `SUBJECT =~ s/PATTERN/TEXT/`
    Substitute {
        subject: Box<AstNode>,
        pattern: Box<ExpressionPattern>,
        text: Box<AstNode>,
        all: bool,
        /// Leaves the subject alone: the result is the value.
        gives_result: bool,
    },
    /// `SUBJECT =~ tr/a/b/`
    Transliterate {
        subject: Box<AstNode>,
        table: Box<CharacterTable>,
    },
    Call(AstFunction, Vec<AstNode>),
    /// The statements of the first condition that holds.
    Branch(Vec<(AstNode, Vec<AstNode>)>),
}

/// A pattern: compiled when it is read, unless there are variables in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExpressionPattern {
    source: AstNode,
    flags: PatternFlags,
    fixed: Option<Arc<CompiledPattern>>,
}

impl ExpressionPattern {
    pub(super) fn new(
        source: AstNode,
        flags: PatternFlags,
    ) -> Result<ExpressionPattern, ExpressionError> {
        let fixed = match &source {
            AstNode::Constant(value) => Some(Arc::new(CompiledPattern::new(&value.text(), flags)?)),
            _ => None,
        };
        Ok(ExpressionPattern {
            source,
            flags,
            fixed,
        })
    }

    pub(super) fn source(&self) -> &AstNode {
        &self.source
    }

    /// Compiled pattern, unless the source has to be computed.
    pub(super) fn fixed(&self) -> Option<&Arc<CompiledPattern>> {
        self.fixed.as_ref()
    }

    /// Compiles a source that was computed.
    pub(super) fn compile(
        &self,
        source: &ExpressionValue,
    ) -> Result<Arc<CompiledPattern>, ExpressionError> {
        Ok(Arc::new(CompiledPattern::new(&source.text(), self.flags)?))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BinaryOperator {
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AstFunction {
    Abs,
    /// `ascending(LIST)`: each text is less than the next.
    Ascending,
    Chomp,
    Chop,
    Chr,
    Defined,
    /// `distinct(LIST)`: no two texts are the same.
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ArgumentShape {
    Nothing,
    /// One, or `$_`.
    One,
    /// One that is changed, or `$_`.
    Variable,
    /// From so many to so many, each a value.
    Several(usize, usize),
    /// A list.
    Any,
}

impl AstFunction {
    const ALL: [(&'static [u8], AstFunction, ArgumentShape); 34] = [
        (b"Q", AstFunction::ShellQuote, ArgumentShape::One),
        (b"abs", AstFunction::Abs, ArgumentShape::One),
        (b"ascending", AstFunction::Ascending, ArgumentShape::Any),
        (b"chomp", AstFunction::Chomp, ArgumentShape::Variable),
        (b"chop", AstFunction::Chop, ArgumentShape::Variable),
        (b"chr", AstFunction::Chr, ArgumentShape::One),
        (b"defined", AstFunction::Defined, ArgumentShape::One),
        (b"distinct", AstFunction::Distinct, ArgumentShape::Any),
        (b"exp", AstFunction::Exp, ArgumentShape::One),
        (b"hex", AstFunction::Hex, ArgumentShape::One),
        (b"index", AstFunction::Index, ArgumentShape::Several(2, 3)),
        (b"int", AstFunction::Int, ArgumentShape::One),
        (b"join", AstFunction::Join, ArgumentShape::Any),
        (b"lc", AstFunction::Lc, ArgumentShape::One),
        (b"lcfirst", AstFunction::Lcfirst, ArgumentShape::One),
        (b"length", AstFunction::Length, ArgumentShape::One),
        (b"log", AstFunction::Log, ArgumentShape::One),
        (b"oct", AstFunction::Oct, ArgumentShape::One),
        (b"ord", AstFunction::Ord, ArgumentShape::One),
        (b"pQ", AstFunction::PerlQuote, ArgumentShape::One),
        (b"quotemeta", AstFunction::Quotemeta, ArgumentShape::One),
        (b"reverse", AstFunction::Reverse, ArgumentShape::Any),
        (b"rindex", AstFunction::Rindex, ArgumentShape::Several(2, 3)),
        (b"seq", AstFunction::Seq, ArgumentShape::Nothing),
        (b"skip", AstFunction::Skip, ArgumentShape::Nothing),
        (b"slot", AstFunction::Slot, ArgumentShape::Nothing),
        (b"slots", AstFunction::Slots, ArgumentShape::Nothing),
        (b"sprintf", AstFunction::Sprintf, ArgumentShape::Any),
        (b"sqrt", AstFunction::Sqrt, ArgumentShape::One),
        (b"substr", AstFunction::Substr, ArgumentShape::Several(2, 4)),
        (
            b"total_jobs",
            AstFunction::TotalJobs,
            ArgumentShape::Nothing,
        ),
        (b"uc", AstFunction::Uc, ArgumentShape::One),
        (b"ucfirst", AstFunction::Ucfirst, ArgumentShape::One),
        (b"uq", AstFunction::Unquote, ArgumentShape::Nothing),
    ];

    pub(super) fn named(name: &[u8]) -> Option<(AstFunction, ArgumentShape)> {
        let found = AstFunction::ALL.iter().find(|(known, ..)| *known == name)?;
        Some((found.1, found.2))
    }
}

impl AstNode {
    pub(super) fn is_assignable(&self) -> bool {
        match self {
            AstNode::Variable(_) => true,
            AstNode::Assign { target, .. } => target.is_assignable(),
            _ => false,
        }
    }

    /// `found` is true of this node or of one below it.
    pub(super) fn any(&self, found: &dyn Fn(&AstNode) -> bool) -> bool {
        found(self) || self.children().into_iter().any(|child| child.any(found))
    }

    /// Number of levels, this one included.
    pub(super) fn depth(&self) -> usize {
        let below = self.children().into_iter().map(AstNode::depth).max();
        1 + below.unwrap_or(0)
    }

    fn children(&self) -> Vec<&AstNode> {
        match self {
            AstNode::Constant(_)
            | AstNode::Variable(_)
            | AstNode::Group(_)
            | AstNode::Values
            | AstNode::LastIndex => Vec::new(),
            AstNode::Element(node)
            | AstNode::Unpack(_, node)
            | AstNode::Slice(node)
            | AstNode::Not(node)
            | AstNode::Negate(node) => {
                vec![node]
            }
            AstNode::Range(nodes) | AstNode::Binary(_, nodes) => nodes.iter().collect(),
            AstNode::Choice(nodes) => nodes.iter().collect(),
            AstNode::Splice(nodes) => nodes.iter().collect(),
            AstNode::List(nodes) | AstNode::Join(nodes) | AstNode::Call(_, nodes) => {
                nodes.iter().collect()
            }
            AstNode::Assign { target, value, .. } => vec![target, value],
            AstNode::Step { target, .. } => vec![target],
            AstNode::Match {
                subject, pattern, ..
            } => vec![subject, pattern.source()],
            AstNode::Substitute {
                subject,
                pattern,
                text,
                ..
            } => vec![subject, pattern.source(), text],
            AstNode::Transliterate { subject, .. } => vec![subject],
            AstNode::Branch(arms) => arms
                .iter()
                .flat_map(|(condition, body)| std::iter::once(condition).chain(body))
                .collect(),
        }
    }
}

/// The items of a list.
pub(super) fn items(node: AstNode) -> Vec<AstNode> {
    match node {
        AstNode::List(items) => items,
        other => vec![other],
    }
}

pub(super) fn check_count(
    word: &[u8],
    shape: ArgumentShape,
    arguments: &[AstNode],
) -> Result<(), ExpressionError> {
    let count = arguments.len();
    let fits = match shape {
        ArgumentShape::Nothing => count == 0,
        ArgumentShape::One => count == 1,
        ArgumentShape::Variable => count == 1 && arguments[0].is_assignable(),
        ArgumentShape::Several(least, most) => (least..=most).contains(&count),
        ArgumentShape::Any => true,
    };
    if fits {
        Ok(())
    } else {
        let word = String::from_utf8_lossy(word);
        Err(ExpressionError::new(format!(
            "'{word}' cannot take these arguments"
        )))
    }
}
