using System.Linq;

var words = args.SelectMany(a => a.Split(' ')).Where(w => w.Length > 0).ToArray();
System.Console.WriteLine($"{words.Length} words, {words.Distinct().Count()} of them different");
return words.Length == 0 ? 2 : 0;
