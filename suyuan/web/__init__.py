"""The pages that people see: a start page with a search box, and the page behind a code."""
