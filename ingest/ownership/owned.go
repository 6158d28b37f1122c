package ownership

// Owned reports whether the mailbox named the record when it was last asked, or can't name
// any. A record that was just taken over is owned before its folders are listed.
func (k *Keeper) Owned() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.owned
}
