//! No library: the tests are under `tests/`, the benches under `benches/`, the programs that they link and
//! run under `programs/`, each in a folder by its language.
