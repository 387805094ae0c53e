module example.com/outpost

go 1.24
