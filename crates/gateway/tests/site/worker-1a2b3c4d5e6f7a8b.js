// Compressed in one way only.
