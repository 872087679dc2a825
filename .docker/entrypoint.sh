#!/bin/sh
# The first container of a stack draws the secret that workers and parameter servers share, unless one is given.
set -eu
secret=/run/skiplane/token
if [ -z "${SKIPLANE_TOKEN:-}" ]; then
  if [ ! -s "$secret" ]; then
    draft="$secret.$(hostname).$$"
    (umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$draft")
    # A hard link is made once: whoever comes second takes the first one's secret.
    ln "$draft" "$secret" 2>/dev/null || true
    rm -f "$draft"
  fi
  SKIPLANE_TOKEN=$(cat "$secret")
  export SKIPLANE_TOKEN
fi
exec "$@"
