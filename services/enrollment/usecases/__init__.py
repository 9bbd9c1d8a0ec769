"""What one can do with enrollment: one method a thing; transactions are opened here and nowhere else."""
