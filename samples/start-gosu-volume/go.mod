module example.com/notesd

go 1.24
