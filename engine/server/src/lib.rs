//! The engine as a program: glommio, hyper, sockets, files.
