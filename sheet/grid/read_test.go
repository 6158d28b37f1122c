package grid

// readGrids reads a workbook as far as its cells.
func readGrids(data []byte, lim Limits) ([]*Grid, error) {
	wb, err := Read("xlsx", data, lim)
	if err != nil {
		return nil, err
	}
	return wb.Grids(), nil
}
