import jwt from 'jsonwebtoken'

// who is signed in to your system
const user = {id: '42', firstname: 'Ada', lastname: 'Lovelace', email: 'ada@example.com'}

const token = jwt.sign({
  _id: user.id, firstname: user.firstname, lastname: user.lastname, email: user.email, plan: 'gold',
}, process.env.SHOP_SECRET, {
  subject: 'userexternal', audience: 'https://tiledesk.com/projects/shop', expiresIn: '5m',
})

console.log(token) // into the page
