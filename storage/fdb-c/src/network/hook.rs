//! What a binding wants to be run at the end of the network thread.

use std::ffi::c_void;

/// A function of C and its argument.
pub(crate) struct Hook {
    pub(crate) function: extern "C" fn(*mut c_void),
    pub(crate) parameter: *mut c_void,
}

// SAFETY: the parameter is the binding's, which the C API documents to be handed to another thread; nothing
// here looks at it.
unsafe impl Send for Hook {}

impl Hook {
    /// Calls it.
    pub(crate) fn call(self) {
        (self.function)(self.parameter);
    }
}
