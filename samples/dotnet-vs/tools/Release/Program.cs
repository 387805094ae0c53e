// Tags a release; it is no part of the service.
System.Diagnostics.Process.Start("git", "tag " + args[0]);
