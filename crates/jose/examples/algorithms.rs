//! How long a token's signature takes to verify, for each algorithm:
//! `cargo run --release -p shell-jose --example algorithms`.

use std::{error::Error, hint::black_box, time::Instant};

use serde_json::json;
use shell_core::algorithm::{Algorithm, Algorithms};
use shell_jose::{KeySet, SigningKey, jwks, verify};

/// How often each token is verified for one figure.
const TIMES: u32 = 2000;

/// How many figures there are of each; the least is shown.
const FIGURES: u32 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut rs256 = None;
    for algorithm in Algorithm::ALL {
        let micros = measure(algorithm)?;
        let relative = micros / *rs256.get_or_insert(micros);
        #[expect(clippy::print_stdout, reason = "it is what the program is for")]
        {
            println!("{algorithm:<6} {micros:6.1} µs {relative:5.2} × RS256");
        }
    }
    Ok(())
}

fn measure(algorithm: Algorithm) -> Result<f64, Box<dyn Error>> {
    let key = SigningKey::generate_for("key=", algorithm)?;
    let keys = KeySet::parse(&jwks([&key]).to_string())?;
    let token = key.sign(&json!({
        "iss": "https://issuer.example", "sub": "8f1c3c52-70d1-70f9-1c3c-528f1c3c528f",
        "aud": "client", "exp": 2_000_000_000, "iat": 1, "email": "ann@example.com",
        "cognito:groups": ["data-science", "readers", "model-approvers", "admins"],
    }))?;
    let algorithms = Algorithms::all();
    let mut least = f64::MAX;
    for _ in 0..FIGURES {
        let began = Instant::now();
        for _ in 0..TIMES {
            verify(black_box(token.expose()), &keys, &algorithms)?;
        }
        least = least.min(began.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES));
    }
    Ok(least)
}
