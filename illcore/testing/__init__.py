"""What plugin authors and hosts test with: fakes, a network of libraries, the conformance kit, pytest fixtures."""
