"""Prints the unpacked size of the sample's function in bytes.

Excludes packages that Lambda provides, and files that pip compiled.
"""

from importlib.metadata import files
from pathlib import Path

HERE = Path(__file__).parent
BROUGHT = {"awslambdaric", "simplejson", "snapshot-restore-py"}

pins = (HERE / "requirements.txt").read_text().split()
names = {pin.partition("==")[0] for pin in pins} - BROUGHT
paths = [file.locate() for name in names for file in files(name)]
uploaded = [path for path in paths if path.suffix != ".pyc" and path.is_file()]
print(sum(path.stat().st_size for path in [HERE / "index.py", *uploaded]))
