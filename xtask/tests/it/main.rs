//! xtask as a program.

mod guard;
