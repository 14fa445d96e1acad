"""One small file of every kind that the MLflow UI shows, and a large one."""

import json
import struct
import zlib

MEGABYTE = 1024 * 1024
LARGE = 20 * MEGABYTE


def artifacts():
    """Returns the files by path."""
    return {
        "notes.txt": b"Trained on the demo data.\nNothing to see here.\n",
        "data/table.csv": table(),
        "data/summary.json": json.dumps({"rows": 20, "columns": ["x", "square"]}).encode(),
        "plots/gradient.png": png(160, 120),
        "report.html": HTML.encode(),
        "report.pdf": pdf("A report of one page"),
        "large.bin": large(),
    }


HTML = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Report</title>
<h1>Report</h1>
<p id="result">The script has not run.</p>
<script>
  document.getElementById("result").textContent = "The script has run.";
</script>
</html>
"""


def table():
    rows = ["x,square"] + [f"{x},{x * x}" for x in range(20)]
    return "\n".join(rows).encode() + b"\n"


def large():
    """Returns bytes without equal blocks, so that a lost block is noticed."""
    return b"".join(struct.pack(">Q", number) for number in range(LARGE // 8))


def png(width, height):
    row = lambda y: b"\0" + b"".join(bytes([x, 2 * y, 128]) for x in range(width))
    pixels = b"".join(row(y) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pdf(text):
    content = f"BT /F1 24 Tf 60 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    document, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    return document + (
        b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(document))
    )
