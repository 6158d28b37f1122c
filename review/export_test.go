package review

import "slices"

// Patterns are those of every route.
func (c *Console) Patterns() (list []string) {
	for _, r := range slices.Concat(c.routes(), c.verifierRoutes()) {
		list = append(list, r.pattern)
	}
	return list
}
