"""Pictures: one function per question."""
