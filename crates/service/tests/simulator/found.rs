//! Lists of operations that failed once, made smaller, each under the name of what was wrong.
