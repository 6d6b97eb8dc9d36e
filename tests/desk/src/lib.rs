//! A shell without a screen: the demo, and the tests that need the whole house.
