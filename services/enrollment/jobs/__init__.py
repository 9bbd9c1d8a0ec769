"""Door 3 of enrollment, the clock: one function a recurring duty."""
