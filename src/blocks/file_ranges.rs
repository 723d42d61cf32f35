//! A file as ranges, which jobs read without prun.
