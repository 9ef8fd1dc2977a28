const words = (text: string) => text.trim().split(/\s+/);

/** Given names of women and men, and family names, as one meets them in English-speaking companies. */
export const englishNames = {
  female: words(`
    Abigail Aisha Alice Alison Amanda Amelia Amy Andrea Angela Anna Beatrice Bethany Bridget Caroline Catherine Charlotte
    Chloe Christine Claire Danielle Deborah Diana Eleanor Elena Elizabeth Emily Emma Erin Esther Fiona Gabriella Grace
    Hannah Heather Helen Holly Imogen Irene Isabel Jacqueline Jane Janet Jasmine Jennifer Jessica Joanna Julia Karen
    Kate Kathleen Kayla Keisha Laura Lauren Leah Linda Lisa Lucy Lydia Madeline Margaret Maria Megan Melissa Michelle
    Miriam Monica Naomi Natalie Nicole Nina Olivia Paige Patricia Pauline Priscilla Rachel Rebecca Robin Rosa Ruth
    Samantha Sandra Sarah Sharon Shreya Simone Sophia Stephanie Susan Sylvia Tamara Teresa Tiffany Valerie Vanessa
    Victoria Vivian Wendy Yasmin Zoe`),
  male: words(`
    Aaron Adam Adrian Alan Alexander Andrew Anthony Arjun Arthur Benjamin Brandon Brian Bruce Callum Cameron Carl Charles
    Christopher Colin Connor Craig Curtis Damian Daniel Darren David Dennis Derek Dominic Douglas Dylan Edward Eli Eric
    Ethan Evan Felix Francis Frank Gareth Gary George Gordon Graham Gregory Harold Harry Henry Howard Hugh Ian Isaac Jack
    Jacob Jamal James Jason Jeffrey Jeremy Joel John Jonathan Joseph Joshua Julian Justin Keith Kenneth Kevin Kwame Kyle
    Lawrence Leo Liam Louis Lucas Luke Malcolm Marcus Mark Martin Matthew Michael Miles Nathan Neil Nicholas Nigel Noah
    Oliver Oscar Owen Patrick Paul Peter Philip Rahul Ralph Raymond Reuben Richard Robert Roger Ronald Ross Russell Ryan
    Samuel Scott Sean Simon Stephen Stuart Terence Thomas Timothy Todd Trevor Tyler Victor Vincent Walter Wesley William`),
  last: words(`
    Abbott Acheson Adair Ahmed Aldridge Allard Alston Ashby Ashworth Atkins Bannister Barlow Barrett Bartlett Baxter
    Beaumont Beckett Bellamy Bennett Blackwell Blake Bowman Bradshaw Brennan Briggs Broderick Burgess Burke Byrne
    Calder Campbell Carmichael Carver Chandra Chapman Chen Christie Clarke Clayton Colburn Coleman Collier Conway Cooper
    Corbett Crane Crawford Crosby Cullen Cunningham Dalton Davenport Dawson Delaney Dempsey Desai Dixon Donnelly Doyle
    Drummond Duffy Dunbar Eastwood Edwards Ellison Emerson Evans Fairbanks Farrell Fenwick Finch Fitzgerald Fletcher
    Foley Forsyth Foster Fowler Fraser Freeman Gallagher Garrison Gibbs Gilmore Glover Goldberg Goodwin Graves Greene
    Griffith Gupta Hadley Halloran Hammond Harding Hargrove Harper Hartwell Hastings Hawkins Hayes Henderson Hewitt
    Higgins Hobbs Holloway Hooper Hopkins Howell Hughes Hutchins Ingram Irving Jacobs Jarvis Jefferson Jennings Kapoor
    Kavanagh Keating Kelley Kendall Khan Kirby Knox Lambert Langley Lawson Ledger Leighton Lindsay Livingston Lockwood
    Lowell Lyons MacKenzie Maddox Mahoney Marlowe Marsh Mathews Maxwell McAllister McBride McCarthy McGrath McKenna
    McNeil Mercer Merritt Middleton Monroe Moran Morgan Morrow Murdoch Nash Nguyen Nichols Nolan Norwood Okonkwo Olsen
    Osborne Palmer Parrish Patel Patterson Pearce Pemberton Penn Perkins Pierce Porter Prescott Preston Quigley Quinn
    Radcliffe Ramsay Randall Raymond Redmond Reeves Reid Reynolds Rhodes Ridley Rivers Rowe Rutherford Saunders Sawyer
    Sheridan Sinclair Singh Slater Spencer Stafford Stanton Sterling Stone Sutherland Sutton Talbot Thatcher Thorne
    Tran Travers Tucker Underwood Vaughan Wainwright Walsh Warner Watkins Weaver Webster Wells Whitaker Whitmore Wilder
    Winslow Woodward Wyatt Yates York Young`),
};
