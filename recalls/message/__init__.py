"""What is said to whom in which language: template texts, and what is wrong with a text."""
