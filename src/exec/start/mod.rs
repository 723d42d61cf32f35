//! The start of an attempt: its directory and files, the program's place, the process.

pub(crate) mod attempt_cgroup;
pub(crate) mod attempt_env;
pub(crate) mod directory;
pub(crate) mod fifo_feeder;
pub(crate) mod job_variables;
pub(crate) mod launcher;
pub(crate) mod path_lookup;
pub(crate) mod pipes;
pub(crate) mod shortage;
pub(crate) mod spawn_limit;
pub(crate) mod stdin_file;
pub(crate) mod stdin_reopened;
pub(crate) mod stdin_writer;
pub(crate) mod template_files;
