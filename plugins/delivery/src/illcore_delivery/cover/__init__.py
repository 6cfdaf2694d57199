"""What the copyright verdict asks to be seen on a copy: cover page, legend on every page, watermark."""
