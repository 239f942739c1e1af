"""From a submission to its scores: one session each, spread over cores or machines, kept in a journal."""
