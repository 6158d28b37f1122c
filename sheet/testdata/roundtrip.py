"""Opens each workbook with openpyxl and saves it again: roundtrip.py IN OUT"""

import sys

import openpyxl

openpyxl.load_workbook(sys.argv[1]).save(sys.argv[2])
