package memory

// Collect collects now, as the collector does at every interval.
func (d *Datastore) Collect() { d.collect() }
