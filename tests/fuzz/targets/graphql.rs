#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| shell_fuzz::graphql(input));
