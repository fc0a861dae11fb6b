#!/usr/bin/env bash
# Installs what the tests and .ci/run need beyond the Rust toolchain. Run it as often as you like: it
# only does what is still to do. A test whose tool is missing says so and skips, except under CI=true,
# where a missing tool is an error here.
#
#   Debian packages   xmllint (libxml2-utils), newsboat, r2e (rss2email): XML and two feed readers;
#                     chromium with fonts-noto-cjk, node and npm: the pages as a browser shows them;
#                     python3-venv; gcc with libc6-dev, for the bundled SQLite and ring
#   tests/tools/venv  a Python environment of its own with requirements.txt
#   tests/tools/synapse
#                     another one with Synapse, a Matrix server, which wants other versions
#   tests/tools/npm   maildev, a mail server, and the renderer of Adaptive Cards
#   tests/tools/node_modules  axe-core and what drives the browser, by package-lock.json
#   cargo tools       cargo-deny, cargo-machete: licences and unused dependencies
#
# The W3C feed validator is not among them: neither PyPI nor Debian carries it as a package.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Where `cargo install` puts its programs, which a shell that never ran rustup's setup does not know.
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"

CARGO_DENY_VERSION=0.20.2
CARGO_MACHETE_VERSION=0.9.2
# A registry that does not answer must not hold up the whole run.
APT_OPTIONS=(-y --no-install-recommends -o Acquire::Retries=3 -o Acquire::http::Timeout=60 -o DPkg::Lock::Timeout=300)

missing=()
# Standard output is left to the list of what is missing; everything on the way there goes to standard error.
say() { printf 'install: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as root, or fails where that would need a password that nobody is there to type.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo && [ -t 0 ]; then
    sudo "$@"
  elif have sudo; then
    sudo -n "$@"
  else
    return 1
  fi
}

# Python can make an environment only where ensurepip came with it, which Debian packages apart.
can_make_venv() { python3 -c 'import ensurepip, venv' >/dev/null 2>&1; }

# The Debian packages whose programs are not here yet, one a line.
debian_packages_wanted() {
  have xmllint || echo libxml2-utils
  have newsboat || echo newsboat
  have r2e || echo rss2email
  have chromium || printf 'chromium\nfonts-noto-cjk\n'
  have node || echo nodejs
  have npm || echo npm
  can_make_venv || echo python3-venv
  have cc || printf 'gcc\nlibc6-dev\n'
}

install_debian_packages() {
  local wanted
  mapfile -t wanted < <(debian_packages_wanted)
  [ ${#wanted[@]} -gt 0 ] || return 0
  if have apt-get; then
    say "Debian packages: ${wanted[*]}"
    { as_root apt-get -q update && as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install "${APT_OPTIONS[@]}" "${wanted[@]}"; } >&2 || true
  fi
  # What counts is that the programs are there, whatever apt-get said and wherever they came from.
  mapfile -t wanted < <(debian_packages_wanted)
  missing+=("${wanted[@]}")
}

# install_python_packages VENV REQUIREMENTS MODULES: the copy of the requirements inside the environment
# tells that it was made from them to the end.
install_python_packages() {
  local venv="$here/$1" requirements="$here/$2"
  if cmp -s "$requirements" "$venv/requirements.txt" && "$venv/bin/python" -c "import $3" 2>/dev/null; then
    return 0
  fi
  say "Python packages into $venv"
  rm -rf "$venv"
  if python3 -m venv "$venv" >&2 &&
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --timeout 60 --retries 3 --requirement "$requirements" >&2; then
    cp "$requirements" "$venv/requirements.txt"
  else
    missing+=("the Python packages of tests/tools/$2")
  fi
}

# What is installed is what the lock file says, so it is looked at for a change.
install_npm_packages() {
  local npm="$here/npm"
  cmp -s "$npm/package-lock.json" "$npm/node_modules/installed-lock.json" && return 0
  if ! have npm; then
    missing+=("node and npm, for the packages of tests/tools/npm")
    return 0
  fi
  say "npm packages into $npm/node_modules"
  if (cd "$npm" && npm ci --ignore-scripts --no-audit --no-fund >&2); then
    cp "$npm/package-lock.json" "$npm/node_modules/installed-lock.json"
  else
    missing+=("the npm packages of tests/tools/npm")
  fi
}

# npm's own copy of the lock file tells what it installed last.
install_node_packages() {
  local modules="$here/node_modules"
  [ -f "$modules/axe-core/axe.min.js" ] && [ "$modules/.package-lock.json" -nt "$here/package-lock.json" ] && return 0
  say "node packages into $modules"
  (cd "$here" && PUPPETEER_SKIP_DOWNLOAD=1 npm ci --silent --no-audit --no-fund >&2) || missing+=("the node packages of tests/tools/package.json")
}

# install_cargo_tool NAME VERSION: a few minutes the first time; any version already here will do.
install_cargo_tool() {
  have "$1" && return 0
  say "$1 $2, built from source"
  # A target directory of its own, for one set in the environment belongs to newsboy's own build.
  env -u CARGO_TARGET_DIR -u CARGO_BUILD_TARGET_DIR cargo install --locked --quiet --version "$2" "$1" >&2 || missing+=("$1")
}

install_debian_packages
install_python_packages venv requirements.txt 'feedparser, flask_websub, reader, standardwebhooks, slack_sdk, aiosmtpd'
install_python_packages synapse requirements-synapse.txt synapse
install_npm_packages
install_node_packages
install_cargo_tool cargo-deny "$CARGO_DENY_VERSION"
install_cargo_tool cargo-machete "$CARGO_MACHETE_VERSION"

if [ ${#missing[@]} -eq 0 ]; then
  echo "install: everything is here"
  exit 0
fi
echo "install: could not be installed:"
printf '  %s\n' "${missing[@]}"
[ "${CI:-}" != true ]
