//! The few functions of SQLite's C interface that the ledger needs.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;

extern "C" {
    fn sqlite3_libversion() -> *const c_char;
    fn sqlite3_open(path: *const c_char, database: *mut *mut c_void) -> c_int;
    fn sqlite3_exec(
        database: *mut c_void,
        sql: *const c_char,
        row: Option<extern "C" fn(*mut c_void, c_int, *mut *mut c_char, *mut *mut c_char) -> c_int>,
        data: *mut c_void,
        error: *mut *mut c_char,
    ) -> c_int;
}

pub struct Database(*mut c_void);

pub fn version() -> String {
    // SAFETY: SQLite gives a static text.
    unsafe { CStr::from_ptr(sqlite3_libversion()) }.to_string_lossy().into_owned()
}

extern "C" fn first(data: *mut c_void, columns: c_int, values: *mut *mut c_char, _: *mut *mut c_char) -> c_int {
    if columns > 0 {
        // SAFETY: SQLite gives as many values as columns, and `data` is the number below.
        unsafe {
            let text = CStr::from_ptr(*values).to_string_lossy();
            *data.cast::<i64>() = text.parse().unwrap_or_default();
        }
    }
    0
}

impl Database {
    pub fn open(path: &str) -> Option<Self> {
        let path = CString::new(path).ok()?;
        let mut database = ptr::null_mut();
        // SAFETY: both pointers live as long as the call.
        let code = unsafe { sqlite3_open(path.as_ptr(), &mut database) };
        (code == 0).then_some(Self(database))
    }

    pub fn run(&self, sql: &str) {
        let Ok(sql) = CString::new(sql) else { return };
        // SAFETY: the database is open, and nothing is asked back.
        unsafe { sqlite3_exec(self.0, sql.as_ptr(), None, ptr::null_mut(), ptr::null_mut()) };
    }

    pub fn number(&self, sql: &str) -> i64 {
        let Ok(sql) = CString::new(sql) else { return 0 };
        let mut number = 0_i64;
        let data: *mut i64 = &mut number;
        // SAFETY: `first` writes to `number`, which outlives the call.
        unsafe { sqlite3_exec(self.0, sql.as_ptr(), Some(first), data.cast(), ptr::null_mut()) };
        number
    }
}
