"""What a version is: a number, a section of CHANGELOG.md, a tag, a wheel, a page."""
