//! Starts by the pressure of the system: `--pressure`.

use super::obstacle::{RunningCounts, StartObstacle};
use crate::os::clock::ClockReading;
use crate::os::pressure::{PressureFile, PressureResource};
use crate::policy::pressure::PressureMeter;

/// Limits of `--pressure`.
#[derive(Debug, Clone)]
pub(crate) struct PressureOptions {
    pub limits: Vec<PressureLimit>,
    /// Jobs that run at once before anything is known of their pressure.
    pub first_jobs: usize,
}

/// Limit of the pressure on one resource.
#[derive(Debug, Clone)]
pub(crate) struct PressureLimit {
    pub resource: PressureResource,
    /// Percent of the time for which some tasks wait, that the pressure has to be below.
    pub below: f64,
    pub file: PressureFile,
}

/// Limits with what was measured.
#[derive(Debug)]
pub(super) struct PressureGate {
    gauges: Vec<PressureGauge>,
    first_jobs: usize,
    /// Jobs that may run at once until the next measurement. Pressure is seen after the starts
    /// that cause it: all slots would be filled by then. So the jobs can no more than double in a
    /// second.
    most_jobs: usize,
}

#[derive(Debug)]
struct PressureGauge {
    limit: PressureLimit,
    meter: PressureMeter,
    /// The kernel tells of pressure above the limit.
    is_watched: bool,
}

impl PressureGate {
    /// Without options, a gate that is always open.
    pub(super) fn new(options: Option<PressureOptions>) -> Self {
        let gauge = |limit| PressureGauge {
            limit,
            meter: PressureMeter::default(),
            is_watched: false,
        };
        let first_jobs = options.as_ref().map_or(0, |options| options.first_jobs);
        let limits = options.map_or_else(Vec::new, |options| options.limits);
        PressureGate {
            gauges: limits.into_iter().map(gauge).collect(),
            first_jobs,
            most_jobs: 0,
        }
    }

    /// The first limit that the pressure is not below. One that cannot be measured any more is
    /// none.
    pub(super) fn obstacle(
        &mut self,
        counts: RunningCounts,
        now: ClockReading,
    ) -> Option<StartObstacle> {
        if self.gauges.iter().any(|gauge| gauge.meter.is_due(now)) {
            self.gauges
                .retain_mut(|gauge| !gauge.meter.is_due(now) || gauge.measure(now));
            self.most_jobs = self.first_jobs.max(2 * counts.busy);
        }
        let exceeded = self.gauges.iter().find_map(PressureGauge::exceeded);
        let are_many = counts.busy >= self.most_jobs && !self.gauges.is_empty();
        exceeded.or(are_many.then_some(StartObstacle::Unmeasured))
    }

    /// Takes note that the kernel tells of pressure on `resource`.
    pub(super) fn told(&mut self, resource: PressureResource, now: ClockReading) {
        let mut gauges = self.gauges.iter_mut();
        if let Some(gauge) = gauges.find(|gauge| gauge.limit.resource == resource)
            && let Ok(reading) = gauge.limit.file.read()
        {
            gauge.meter.told(now, gauge.limit.below, reading.total);
        }
    }

    /// Takes note that the kernel tells of pressure on these resources from now on.
    pub(super) fn watched(&mut self, resources: &[PressureResource]) {
        for gauge in &mut self.gauges {
            gauge.is_watched = resources.contains(&gauge.limit.resource);
        }
    }
}

impl PressureGauge {
    /// Takes a reading; returns whether there was one.
    fn measure(&mut self, now: ClockReading) -> bool {
        match self.limit.file.read() {
            Ok(reading) => {
                self.meter.take(now, reading, self.is_watched);
                true
            }
            Err(_) => false,
        }
    }

    fn exceeded(&self) -> Option<StartObstacle> {
        let (percent, below) = (self.meter.percent(), self.limit.below);
        let resource = self.limit.resource;
        (percent >= below).then_some(StartObstacle::Pressure(resource, percent, below))
    }
}
