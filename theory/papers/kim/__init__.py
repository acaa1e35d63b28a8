"""What is claimed: the paper's statements in a file for each subject, their amendments, and what goes beyond."""
