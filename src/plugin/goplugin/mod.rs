//! The go-plugin server side: everything that a go-plugin host expects of a process that it started.
