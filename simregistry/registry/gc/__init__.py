"""Garbage collection: mark, plan, sweep, and the collectors that differ in a few rules over that one mechanism.

Theory: a registry's storage is a graph. Tags point at manifests, an index at manifests, a manifest at blobs; a blob
that no way leads to is garbage. All else is policy: where the ways begin, how far they are followed, and how long a
blob may lie about before it is looked at.
"""
