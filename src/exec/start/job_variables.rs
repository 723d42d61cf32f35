//! Environment variables that tell a job about itself, and those that options set.

use std::ffi::{OsStr, OsString};

use crate::os::orphans;
use crate::placeholder::JobPosition;
use crate::policy::slot_values::SlotVariable;

#[derive(Debug, Default)]
pub(crate) struct JobVariables {
    /// `PARALLEL_SEQ` and the other variables of GNU parallel are set beside `PRUN_SEQ`.
    pub are_of_parallel: bool,
    /// `--process-slot-var`: holds the slot's number, from 0.
    pub slot_number: Option<OsString>,
    /// `--slot-env`
    pub by_slot: Vec<SlotVariable>,
    /// The same for all jobs.
    pub fixed: Vec<(OsString, OsString)>,
}

impl JobVariables {
    /// Adds those of a job on `host`; `pid` is the number of prun's own process.
    pub(crate) fn add(
        &self,
        place: JobPosition,
        (pid, host): (&OsStr, &OsStr),
        environment: &mut Vec<(OsString, OsString)>,
    ) {
        let seq = OsString::from(place.seq.to_string());
        let slot = OsString::from(place.slot.to_string());
        let from_zero = OsString::from(place.slot.saturating_sub(1).to_string());
        environment.extend(self.fixed.iter().cloned());
        if let Some(name) = &self.slot_number {
            environment.push((name.clone(), from_zero.clone()));
        }
        for variable in &self.by_slot {
            if let Some(value) = variable.value(place.slot) {
                environment.push((variable.name.clone(), value.to_owned()));
            }
        }
        if self.are_of_parallel {
            environment.push(("PARALLEL_SEQ".into(), seq.clone()));
            environment.push(("PARALLEL_JOBSLOT".into(), slot.clone()));
            environment.push(("PARALLEL_JOBSLOT0".into(), from_zero));
            environment.push(("PARALLEL_SSHLOGIN".into(), host.into()));
            environment.push(("PARALLEL_SSHHOST".into(), host.into()));
            environment.push(("PARALLEL_PID".into(), pid.into()));
        }
        environment.push((orphans::SEQ.into(), seq));
        environment.push(("PRUN_SLOT".into(), slot));
        environment.push((orphans::PID.into(), pid.into()));
    }
}
