package review

import "sync"

// crowd counts who is in somewhere. It is safe for concurrent use.
type crowd struct {
	mu  sync.Mutex
	ins map[string]int
}

// bound is the most that may be in at a time under a key.
type bound struct {
	key  string
	most int
}

// enter counts somebody in under every key, or returns false and counts nothing where one
// of the bounds is reached. The caller calls leave afterwards.
func (c *crowd) enter(bounds ...bound) (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range bounds {
		if c.ins[b.key] >= b.most {
			return nil, false
		}
	}
	if c.ins == nil {
		c.ins = map[string]int{}
	}
	for _, b := range bounds {
		c.ins[b.key]++
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, b := range bounds {
			if c.ins[b.key]--; c.ins[b.key] == 0 {
				delete(c.ins, b.key)
			}
		}
	}, true
}
