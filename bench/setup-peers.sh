#!/bin/sh
# Installs what the benchmarks compare with: Debian's Python packages (as root, or with sudo) and umap-js in a folder of
# its own outside the workspace, so that nothing of it enters the lockfile. Every benchmark leaves out, with a note, what
# is not there. Other systems: `pip install numpy scikit-learn faiss-cpu umap-learn` for the first part.
#   sh bench/setup-peers.sh            WINNOW_PEERS=FOLDER says where umap-js goes; default: winnow-peers in the temp folder
set -eu
peers="${WINNOW_PEERS:-${TMPDIR:-/tmp}/winnow-peers}"

if command -v apt-get >/dev/null; then
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then as_root="sudo"; fi
  # libopenblas0-pthread: without it NumPy multiplies with the reference BLAS, on one core.
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    python3-numpy libopenblas0-pthread python3-sklearn python3-faiss umap-learn
else
  echo "no apt-get here: install numpy, scikit-learn, faiss and umap-learn for python3 another way" >&2
fi

mkdir -p "$peers"
[ -f "$peers/package.json" ] || echo '{"private": true}' > "$peers/package.json"
npm install --prefix "$peers" --no-save --no-audit --no-fund umap-js@1.4.0
echo "umap-js is in $peers"
python3 - <<'PYTHON'
for name in ("numpy", "sklearn", "faiss", "umap"):
    try:
        print(name, __import__(name).__version__)
    except Exception as problem:
        print(name, "is missing:", problem)
PYTHON
