//! Blocks dealt to jobs that run all the time.
