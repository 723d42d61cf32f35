//! `$PRUN_SEMAPHORES`: the slots of the job that prun runs in, by which it does not wait for
//! itself. An entry is `KEY:SLOT:TOKEN`, and counts only while the lock file says the same.

use std::ffi::{OsStr, OsString};

use super::lock_file::SlotClaim;

/// Name of the variable.
pub(super) const VARIABLE: &str = "PRUN_SEMAPHORES";

/// Finds the slot of a semaphore. What cannot be read is no entry.
pub(super) fn find(variable: Option<&OsStr>, key: &str) -> Option<SlotClaim> {
    let entries = variable?.to_str()?.split(' ');
    let mut fields = entries
        .map(|entry| entry.split(':'))
        .find_map(|mut fields| (fields.next() == Some(key)).then_some(fields))?;
    let claim = SlotClaim {
        slot: fields.next()?.parse().ok()?,
        token: fields.next()?.parse().ok()?,
    };
    claim.is_possible().then_some(claim)
}

/// The variable with a slot of a semaphore, in place of an earlier one.
pub(super) fn with(variable: Option<&OsStr>, key: &str, claim: SlotClaim) -> OsString {
    let SlotClaim { slot, token } = claim;
    let entries = variable.and_then(OsStr::to_str).unwrap_or_default();
    let is_other = |entry: &&str| entry.split(':').next() != Some(key) && !entry.is_empty();
    let mut text: String = entries
        .split(' ')
        .filter(is_other)
        .flat_map(|entry| [entry, " "])
        .collect();
    text.push_str(&format!("{key}:{slot}:{token}"));
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn claim(slot: u64, token: u64) -> SlotClaim {
        SlotClaim { slot, token }
    }

    #[test]
    fn a_slot_is_found_by_the_key_of_its_semaphore() {
        let one = with(None, "aa", claim(1, 2));
        assert_eq!(one, "aa:1:2");
        let two = with(Some(&one), "bb", claim(3, 4));
        assert_eq!(two, "aa:1:2 bb:3:4");
        assert_eq!(with(Some(&two), "aa", claim(5, 6)), "bb:3:4 aa:5:6");
        assert_eq!(find(Some(&two), "aa"), Some(claim(1, 2)));
        assert_eq!(find(Some(&two), "bb"), Some(claim(3, 4)));
        assert_eq!(find(Some(&two), "a"), None);
        assert_eq!(find(None, "aa"), None);
        for nonsense in [
            "aa",
            "aa:1",
            "aa:x:2",
            "aa:0:1",
            "aa:1:0",
            "aa:9999999999:1",
        ] {
            assert_eq!(find(Some(OsStr::new(nonsense)), "aa"), None, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[a:0-9 ]{0,20}") {
            if let Some(claim) = find(Some(OsStr::new(&text)), "a") {
                let entry = with(None, "a", claim);
                prop_assert_eq!(find(Some(&entry), "a"), Some(claim));
            }
        }
    }
}
