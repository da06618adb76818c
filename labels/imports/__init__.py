"""Import of label files into a manual-QA project: upload, class names, the job, and the report per item."""
