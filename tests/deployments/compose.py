"""Reads a Compose file strictly, by the Compose specification, and prints it as JSON."""

import json
import sys
from pathlib import Path

import yaml
from compose_spec import PyOptions

text = Path(sys.argv[1]).read_text()
options = PyOptions()
options.apply_merge = True
compose = options.from_yaml(text)
for check in (
    compose.validate,
    compose.validate_configs,
    compose.validate_networks,
    compose.validate_secrets,
    compose.validate_volumes,
):
    check()
json.dump(yaml.safe_load(text), sys.stdout)
