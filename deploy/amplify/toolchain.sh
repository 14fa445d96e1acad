# Makes Rust available in the shell that reads this file: `. deploy/amplify/toolchain.sh`
#
# Everything it installs, and everything the build installs, is below
# .amplify-cache, which amplify.yml keeps from one build to the next.

RUSTUP_VERSION=1.28.2
RUSTUP_SHA256=20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c
RUSTUP_SITE=https://static.rust-lang.org/rustup/archive

export RUSTUP_HOME="$PWD/.amplify-cache/rustup"
export CARGO_HOME="$PWD/.amplify-cache/cargo"
export XDG_CACHE_HOME="$PWD/.amplify-cache"
export PATH="$CARGO_HOME/bin:$PATH"
# Incremental builds would only make the cache larger.
export CARGO_INCREMENTAL=0

install_rustup() {
  installer="$XDG_CACHE_HOME/rustup-init"
  mkdir -p "$XDG_CACHE_HOME" &&
    curl --proto '=https' --tlsv1.2 --retry 3 -sSf -o "$installer" \
      "$RUSTUP_SITE/$RUSTUP_VERSION/x86_64-unknown-linux-gnu/rustup-init" &&
    echo "$RUSTUP_SHA256  $installer" | sha256sum --check --quiet &&
    chmod +x "$installer" &&
    "$installer" -y --quiet --no-modify-path --profile minimal --default-toolchain none
}

[ -x "$CARGO_HOME/bin/rustup" ] || install_rustup
# The version, its parts and targets are in rust-toolchain.toml.
rustup toolchain install
