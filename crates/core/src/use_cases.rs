//! What the hub does: each use case authorizes, reads, decides, writes in one unit of work, has the store follow, and
//! returns. The functions take `(ports, context, command)`; a driving adapter translates and calls exactly one.

pub mod s3_gate;
