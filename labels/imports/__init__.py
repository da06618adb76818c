"""Import of label files into a manual-QA project.

`intake` takes the upload and starts the work, `running` does it (one transaction an item, safe to start again),
`differences` compares ontologies, `suggestions` guesses which class an unknown name means, `queries` feeds the pages.
"""
