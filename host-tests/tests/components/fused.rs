//! Programs that are components before they are linked.
