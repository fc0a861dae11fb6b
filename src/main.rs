//! The command line: arguments in, errors out once.

fn main() {}
