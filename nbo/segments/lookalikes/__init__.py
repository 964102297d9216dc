"""Who is like the members that are known, learnt from members and others who may be members too."""
