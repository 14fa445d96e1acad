#!/bin/sh
# checkov 3.3.30: a folder whose name begins with a dot is not read, although it is
# named with --directory. checkov says nothing, and ends with 0.
#
# The same file in another folder is found wanting, and checkov ends with 1. Folders
# that programs make for a short time are often named so (.tmpAbC123), and a check of
# what they contain then passes whatever is in them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check 'checkov==3.3.30'
cat > "$folder/pod.yaml" <<'END'
apiVersion: v1
kind: Pod
metadata: { name: a, namespace: b }
spec: { containers: [{ name: a, image: "a:1", securityContext: { privileged: true } }] }
END
look() {
    mkdir "$folder/$1"
    cp "$folder/pod.yaml" "$folder/$1"
    status=0
    "$folder/env/bin/checkov" --framework kubernetes --skip-download --quiet --compact \
        --directory "$folder/$1" > "$folder/$1.out" 2>&1 || status=$?
    echo "$status, $(grep -c '^Check: ' "$folder/$1.out" || true) findings"
}
visible=$(look visible)
hidden=$(look .hidden)
echo "checkov 3.3.30: visible: $visible; hidden: $hidden"
test "${visible%%,*}" = 1
test "$hidden" = "0, 0 findings"
